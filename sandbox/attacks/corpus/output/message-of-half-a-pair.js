// Throws a message that ends within a letter.
// expect: threw Error: 
throw new Error("\ud83d");
