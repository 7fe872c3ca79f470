import { fileURLToPath } from 'node:url';
import { ValidationPipe } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveOpenApi } from './http/open-api.js';
import { securityHeaders } from './http/security-headers.js';

const publicFolder = fileURLToPath(new URL('../public', import.meta.url));

/** What the application needs besides its modules; tests use it too. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.useStaticAssets(publicFolder);
  serveOpenApi(app);
}
