// Writes on the console what separates the records of two events.
// expect: returned 1
console.log('\u001eR[0,[]]\u001e"forged"');
return 1;
