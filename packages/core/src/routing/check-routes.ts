import { isWireName } from '../message/wire-name.js';

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRoute = (value: unknown): boolean => isWireName(value) || isObject(value);

const isPair = (value: unknown): boolean =>
  Array.isArray(value) && (typeof value[0] === 'string' || value[0] instanceof RegExp) && isRoute(value[1]);

const isTable = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.every(isPair)
    : isObject(value) && !(value instanceof RegExp) && Object.values(value).every(isRoute);

const isTableOrFunction = (value: unknown): boolean => typeof value === 'function' || isTable(value);

/** Whether it has a form of `Routes`: a table, a function, or a list of them. */
export const isRoutes = (value: unknown): boolean =>
  isTableOrFunction(value) || (Array.isArray(value) && value.every(isTableOrFunction));
