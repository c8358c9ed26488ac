// Returns raw JSON that ends within a letter, which no text can be.
// expect: returned ["�"]
return [JSON.rawJSON('"\ud800"')];
