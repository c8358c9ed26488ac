// Returns texts, numbers and truth in boxes that lie about their value.
// expect: returned ["acted",7,true]
const lie = (box, name, value) => Object.defineProperty(box, name, { value: () => value });
return [lie(Object("text"), "toString", "acted"), lie(Object(1), "valueOf", 7), Object(true)];
