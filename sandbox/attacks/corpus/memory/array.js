// Asks for an array longer than arrays can be.
// expect: threw RangeError
return new Array(2 ** 32);
