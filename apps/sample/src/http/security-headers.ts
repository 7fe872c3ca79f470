import type { NextFunction, Request, Response } from 'express';

const strict = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

/** The OpenAPI page has its styles and icons in the text of the page. */
const forOpenApi = [
  ...strict.filter((rule) => !/^(style-src|img-src|.*trusted-types)/.test(rule)),
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
];

/** Lets pages use nothing but what this server sends, and tells browsers to believe its content types. */
export function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  const isOpenApi = request.path === '/api' || request.path.startsWith('/api/');
  response.set({
    'Content-Security-Policy': (isOpenApi ? forOpenApi : strict).join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
  next();
}
