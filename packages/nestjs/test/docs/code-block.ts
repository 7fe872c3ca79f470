import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A piece of TypeScript of a page, and where it begins. */
export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

const root = new URL('../../../../', import.meta.url);

/** The TypeScript blocks of a page, by its path in the repository. */
export function blocksOf(page: string): readonly CodeBlock[] {
  const text = readFileSync(new URL(page, root), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(({ index, 1: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }));
}

/** What the class of a method is expected to have. */
const helpers = { http: 'Http', send: '(file: string) => Promise<void>' };

const helpersOf = (code: string): string =>
  Object.entries(helpers)
    .filter(([name]) => code.includes(`this.${name}(`) || code.includes(`this.${name}.`))
    .map(([name, type]) => `${name}!: ${type};`)
    .join(' ');

/** Ways to read a piece that is no module by itself, in the order in which they are tried. */
const readings: readonly ((code: string) => string)[] = [
  // Options of the module or of a Nest module.
  (code) =>
    /^\w+: [[{]/.test(code) ? `({ ${code.replace(/[;,]?\s*$/, '')}\n}) satisfies SomeOptions;` : '<',
  // Decorators, one of them a line.
  (code) =>
    code
      .split('\n')
      .map((line, at) => {
        if (!line.startsWith('@')) return line === '' || line.startsWith('//') ? line : '<';
        return `class One${at} { ${line}\n method(${line.includes('bind: true') ? 'task: TaskContext' : ''}) {} }`;
      })
      .join('\n'),
  (code) => code,
  (code) => `class Members { ${helpersOf(code)} ${code}\n}`,
];

/**
 * The module that a block stands for: what it has at the top is exported as it is, all else is a function whose `this` has what a
 * reader takes for granted. `undefined`: it is no TypeScript, however it is read.
 */
export function asModule({ code }: CodeBlock): string | undefined {
  const written = code
    .replaceAll(/(\bclass [^{]*)\{ … \}/g, '$1{}')
    .replaceAll('{ … }', '{ throw new Error(); }');
  const imports = written.split('\n').filter((line) => line.startsWith('import '));
  const rest = written.replaceAll(/^import .*\n/gm, '');
  if (/^export /m.test(rest) && parses(written)) return written;
  const body = rest.replaceAll(/^export /gm, '');
  const pieces = read(body) ?? body.split(/\n\n+/).map(read);
  if (!Array.isArray(pieces)) return wrapped(imports, [pieces]);
  return pieces.every((piece) => piece !== undefined) ? wrapped(imports, pieces) : undefined;
}

const wrapped = (imports: readonly string[], pieces: readonly string[]): string =>
  `${imports.join('\n')}\nexport async function block(this: Surroundings) {\n${pieces.join('\n')}\nreturn undefined;\n}\n`;

const read = (code: string): string | undefined =>
  readings
    .map((reading) => reading(code.trim()))
    .find((text) => parses(`async function piece() { ${text}\n}`));

function parses(code: string): boolean {
  const { diagnostics } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, experimentalDecorators: true },
  });
  return diagnostics?.length === 0;
}
