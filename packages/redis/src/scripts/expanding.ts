import { codes } from '../wire/delayed-entry.js';

const lua = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** `expand(entry)` gives the priority step and the envelope of a delayed message, see `wire/delayed-entry.ts`; of anything else nothing. */
export const expanding = `
local codes
local function expand(entry)
  codes = codes or { ${codes.map(([code, text]) => `['\\${code.charCodeAt(0)}'] = ${lua(text)}`).join(', ')} }
  local lineEnd = string.find(entry, '\\n', 1, true)
  if not lineEnd or not string.find(entry, '^[0369]') then return nil end
  codes['\\1'] = string.sub(entry, 2, lineEnd - 1)
  return string.sub(entry, 1, 1), (string.gsub(string.sub(entry, lineEnd + 1), '%c', codes))
end
`;
