import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { asModule, blocksOf, type CodeBlock } from './code-block.js';

const here = dirname(fileURLToPath(import.meta.url));
const guides = readdirSync(join(here, '../../../../docs')).filter((name) => name.endsWith('.md'));
const packages = ['core', 'nestjs', 'cli', 'redis', 'rabbitmq'].map((name) => `packages/${name}/README.md`);
const blocks = ['README.md', ...guides.map((name) => `docs/${name}`), ...packages].flatMap(blocksOf);
const surroundings = join(here, 'surroundings.ts');

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node', 'jest'],
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
  customConditions: ['@lovage/source'],
};

/** A program of the surroundings and of files that are only in memory. */
function program(files: ReadonlyMap<string, string>, before?: ts.Program): ts.Program {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? (before?.getSourceFile(path) ?? getSourceFile(path, language, ...rest))
      : ts.createSourceFile(path, text, language);
  };
  return ts.createProgram([surroundings, ...files.keys()], options, host);
}

/** Names that a block may use without an import. */
function namesIn(base: ts.Program): ReadonlySet<string> {
  const file = base.getSourceFile(surroundings);
  const symbol = file && base.getTypeChecker().getSymbolAtLocation(file);
  const exported = symbol === undefined ? [] : base.getTypeChecker().getExportsOfModule(symbol);
  return new Set(exported.map(({ name }) => name));
}

/** The module with imports of what it uses of the surroundings and neither declares nor imports itself. */
function complete(code: string, known: ReadonlySet<string>): string {
  const used = new Set(code.match(/\b[A-Za-z]\w*\b/g));
  const imported = [...code.matchAll(/^import \{([^}]*)\}/gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  );
  const declared = [...code.matchAll(/\bclass (\w+)|\b(?:const|let) (\w+)/g)].flatMap(([, a, b]) => [a, b]);
  for (const name of [...imported, ...declared]) if (name !== undefined) used.delete(name);
  return `import { ${[...used].filter((name) => known.has(name)).join(', ')} } from './surroundings.js';\n${code}`;
}

const nameOf = ({ page, line }: CodeBlock): string => `${page}:${line}`;
const pathOf = (block: CodeBlock): string => join(here, `${nameOf(block).replaceAll(/\W/g, '-')}.ts`);

describe('the examples of README and guides', () => {
  const base = program(new Map());
  const known = namesIn(base);
  const modules = new Map(
    blocks.map((block) => [pathOf(block), complete(asModule(block) ?? '', known)] as const),
  );
  const checked = program(modules, base);

  it.each(blocks.map((block) => [nameOf(block), block] as const))('compile: %s', (_name, block) => {
    expect(asModule(block)).toBeDefined();
    const file = checked.getSourceFile(pathOf(block));
    const problems = [...checked.getSyntacticDiagnostics(file), ...checked.getSemanticDiagnostics(file)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
    expect(problems).toStrictEqual([]);
  });
});
