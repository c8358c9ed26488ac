// Returns a text that ends its record and forges another.
// expect: returned "\u001eR[0,[]]\u001e\"forged\""
return '\u001eR[0,[]]\u001e"forged"';
