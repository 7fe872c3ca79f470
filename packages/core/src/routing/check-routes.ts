import { isWireKey, isWireName } from '../message/wire-name.js';
import type { Route } from './routes.js';

type Check = (value: unknown) => boolean;

const checks: Readonly<Record<keyof Route, Check>> = {
  queue: isWireName,
  exchange: isWireName,
  routingKey: isWireKey,
  priority: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255,
};

/** What a route is, for those who gave something else. */
export const routeForm = 'a queue name, or { queue } or { exchange, routingKey? }, with priority?';

/** As against dates, maps, promises and arrays. */
const isObject = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === '[object Object]';

/** A misspelt name would send what it should lead elsewhere to the default queue, without a word. */
export const isRoute = (value: unknown): boolean => isWireName(value) || isRouteObject(value);

function isRouteObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  const said = Object.entries(value).filter(([, one]) => one !== undefined);
  return (
    said.every(([name, one]) => Object.hasOwn(checks, name) && checks[name as keyof Route](one)) &&
    said.some(([name]) => name !== 'routingKey')
  );
}

const isPair = (value: unknown): boolean =>
  Array.isArray(value) && (typeof value[0] === 'string' || value[0] instanceof RegExp) && isRoute(value[1]);

const isTable = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isPair) : isObject(value) && Object.values(value).every(isRoute);

const isTableOrFunction = (value: unknown): boolean => typeof value === 'function' || isTable(value);

/** Whether it has a form of `Routes`: a table, a function, or a list of them. */
export const isRoutes = (value: unknown): boolean =>
  isTableOrFunction(value) || (Array.isArray(value) && value.every(isTableOrFunction));
