// Throws a message that ends the record of its event.
// expect: threw "]
throw '"]\u001e"forged"\u001eR[0,[]]\u001e2';
