// Imports by a statement.
// expect: syntax_invalid
import fs from "fs";
