// What core takes from outside (time, randomness, the process, the terminal) it is given, so that tests can give it
// something else. This rule finds what is taken directly.

const globals = new Set([
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);
const members = { Date: ['now'], Math: ['random'], AbortSignal: ['timeout'] };
const modules = new Set(['console', 'perf_hooks', 'process', 'timers', 'timers/promises']);
const cryptoNames = new Set([
  'getRandomValues',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'webcrypto',
]);

const noAmbient = {
  meta: {
    type: 'problem',
    docs: { description: 'core is given time, randomness and the process; it does not take them' },
    schema: [],
  },
  create(context) {
    const report = (node, what) => {
      context.report({
        node,
        message: `core must not use ${what} (only src/clock may, and what starts children): take it as a parameter, for example a Clock`,
      });
    };
    const reportModule = (node, name) => {
      if (typeof name === 'string' && modules.has(name.replace(/^node:/, ''))) report(node, name);
    };
    const isGlobal = (node) => {
      for (let scope = context.sourceCode.getScope(node); scope !== null; scope = scope.upper) {
        if ((scope.set.get(node.name)?.defs.length ?? 0) > 0) return false;
      }
      return true;
    };
    return {
      'Program:exit'(program) {
        // Names that nothing in the file defines; the linter knows most as globals, the rest as unresolved.
        const { set, through } = context.sourceCode.getScope(program);
        const known = [...globals].flatMap((name) => set.get(name)?.references ?? []);
        for (const { identifier, isTypeReference } of new Set([...known, ...through])) {
          if (globals.has(identifier.name) && isTypeReference !== true) report(identifier, identifier.name);
        }
      },
      MemberExpression({ object, property, computed }) {
        if (object.type !== 'Identifier' || !isGlobal(object)) return;
        const name = computed ? property.value : property.name;
        if (members[object.name]?.includes(name)) report(property, `${object.name}.${name}`);
        if (object.name === 'globalThis' && (globals.has(name) || Object.hasOwn(members, name)))
          report(property, `globalThis.${name}`);
      },
      NewExpression({ callee, arguments: given }) {
        if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0 && isGlobal(callee))
          report(callee, 'new Date()');
      },
      CallExpression({ callee }) {
        if (callee.type === 'Identifier' && callee.name === 'Date' && isGlobal(callee))
          report(callee, 'Date()');
      },
      ImportDeclaration(node) {
        reportModule(node, node.source.value);
        if (!/^(node:)?crypto$/.test(node.source.value)) return;
        for (const { type, imported, local } of node.specifiers) {
          const name = imported?.name ?? local.name;
          if (type !== 'ImportSpecifier' || cryptoNames.has(name)) {
            report(node, `${name} of ${node.source.value}`);
          }
        }
      },
      ImportExpression(node) {
        reportModule(node, node.source.value);
      },
      ExportNamedDeclaration(node) {
        reportModule(node, node.source?.value);
      },
      ExportAllDeclaration(node) {
        reportModule(node, node.source.value);
      },
    };
  },
};

export default { meta: { name: 'lovage' }, rules: { 'no-ambient': noAmbient } };
