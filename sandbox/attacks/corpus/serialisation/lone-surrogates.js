// Returns a text and a key that end within a letter.
// expect: returned {"\ud800":"\udfff"}
return { "\ud800": "\udfff" };
