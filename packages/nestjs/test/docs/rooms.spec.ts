import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../../', import.meta.url);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');

/** The picture of rooms below a heading. */
const pictureOf = (heading: string): string =>
  /```\n(.*?)```/s.exec(page.slice(page.indexOf(`## ${heading}\n`)))?.[1] ?? '';

const foldersOf = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .map(({ name }) => name);

const rooms = [
  ['packages/core', 'The rooms of core'],
  ['packages/redis', 'The rooms of the Redis driver'],
  ['packages/rabbitmq', 'The rooms of the RabbitMQ driver'],
  ['packages/nestjs', 'Around core'],
  ['packages/cli', 'Around core'],
] as const;

describe('docs/architecture.md', () => {
  it.each(rooms)('shows each room of %s', (folder, heading) => {
    const shown = new Set(pictureOf(heading).match(/\w+/g));
    expect(foldersOf(`${folder}/src`).filter((name) => !shown.has(name))).toStrictEqual([]);
  });

  it('shows each package, library and application', () => {
    const shown = pictureOf('The house');
    const all = ['packages', 'libs', 'apps'].flatMap((kind) =>
      foldersOf(kind).map((name) => `${kind}/${name}`),
    );
    expect(all.filter((name) => !shown.includes(name))).toStrictEqual([]);
  });
});
