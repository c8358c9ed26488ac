// Compiles programs with the TypeScript compiler and answers with what it has to say of each file.
//
// stdin: {options, programs: [{declarations, files: {name: text}}]}; stdout: a list as long, of
// {name: [[line from 1, code], …]}, in which `types.d.ts` stands for the declarations.
"use strict";

const ts = require("typescript");
const { readFileSync } = require("node:fs");

const question = JSON.parse(readFileSync(0, "utf8"));
const { options, errors } = ts.convertCompilerOptionsFromJson(question.options, ".");
if (errors.length) throw new Error(JSON.stringify(errors.map((error) => error.messageText)));
Object.assign(options, { noEmit: true, moduleDetection: ts.ModuleDetectionKind.Force });

const libraries = new Map();

function hostOf(texts) {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.fileExists = (name) => name in texts || ts.sys.fileExists(name);
  host.readFile = (name) => texts[name] ?? ts.sys.readFile(name);
  host.getSourceFile = (name, language) => {
    if (name in texts) return ts.createSourceFile(name, texts[name], language, true);
    if (!libraries.has(name)) libraries.set(name, read(name, language));
    return libraries.get(name);
  };
  return host;
}

const answers = question.programs.map(({ declarations, files }) => {
  const texts = { "types.d.ts": declarations, ...files };
  const program = ts.createProgram(Object.keys(texts), options, hostOf(texts));
  const found = Object.fromEntries(Object.keys(texts).map((name) => [name, []]));
  for (const { file, start, code } of ts.getPreEmitDiagnostics(program)) {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    (found[file?.fileName ?? ""] ??= []).push([line, code]);
  }
  return found;
});
process.stdout.write(JSON.stringify(answers));
