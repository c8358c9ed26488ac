// Returns a key that ends its record and forges another.
// expect: returned {"\u001eR[0,[]]\u001e":1}
return { "\u001eR[0,[]]\u001e": 1 };
