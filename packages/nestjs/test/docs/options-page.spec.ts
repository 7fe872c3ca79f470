import { readFileSync } from 'node:fs';
import { appOptionNames } from '@lovage/core';

const page = readFileSync(new URL('../../../../docs/nestjs.md', import.meta.url), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('Options')) ?? '';

/** Names in the first column of the table, those of `worker` left out. */
const told = [...section.matchAll(/^\| (`[^|]+) \|/gm)]
  .flatMap(([, cell = '']) => cell.match(/(?<=`)\w[\w.]*(?=`)/g) ?? [])
  .filter((name) => !name.includes('.'));

/** What the module has beside the options of an app. */
const ofTheModule = ['http', 'isGlobal', 'logger', 'name'];

describe('docs/nestjs.md', () => {
  it('tells of each option of the module, and of no other', () => {
    expect(told.toSorted()).toStrictEqual([...appOptionNames, ...ofTheModule].toSorted());
  });
});
