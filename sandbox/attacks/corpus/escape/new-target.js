// Looks whether it is called as a constructor.
// expect: returned "undefined"
return typeof new.target;
