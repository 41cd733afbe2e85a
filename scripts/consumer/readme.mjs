import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** What a README tells a stranger: the install line, in parts, and its examples. */
export function readReadme(path) {
  const text = readFileSync(path, 'utf8');
  const [line, ...more] = text.matchAll(/^(?: {4}|\$ )?((?:[A-Z_]+=\S+ )*)npm (?:install|i) (.+)$/gm);
  if (!line) throw new Error('its README has no line `npm install ...`');
  return {
    text,
    /** Variables before the command, such as ONNXRUNTIME_NODE_INSTALL=skip. */
    variables: Object.fromEntries(
      line[1]
        .trim()
        .split(' ')
        .filter(Boolean)
        .map((each) => each.split('=')),
    ),
    installs: words(line[2]),
    examples: [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(({ 1: code, index }) => ({
      code,
      /** What the README has installed, by a line of its own, between the first line and this example. */
      alsoInstalls: more.filter((other) => other.index < index).flatMap((other) => words(other[2])),
      /** An example that is the content of a file says so in its first line. */
      file: /^\/\/ ([\w-]+)\.js\n/.exec(code)?.[1],
      /** What imports no package of the house continues an example before it, or is a file beside one: for the eye. */
      runs: /from '@mnist\//.test(code) && !/no-run/.test(code),
    })),
  };
}

const words = (line) => line.trim().split(/\s+/);

export function transpile(code, module) {
  return ts.transpileModule(code, {
    compilerOptions: { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  }).outputText;
}

/** An example as CommonJS, which has no top-level await: all but the imports goes into a function. */
export function asCommonJs(code) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const [imports, rest] = [[], []];
  for (const statement of source.statements) {
    (ts.isImportDeclaration(statement) ? imports : rest).push(
      statement.getFullText().replace(/^\s*export (?=const|function|class)/, ''),
    );
  }
  const wrapped = `${imports.join('')}\n(async () => {${rest.join('')}\n})().catch((error) => { console.error(error); process.exit(1); });\n`;
  return transpile(
    wrapped.replaceAll('import.meta.url', "require('node:url').pathToFileURL(__filename).href"),
    ts.ModuleKind.CommonJS,
  );
}
