import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves the OpenAPI page at /api, with all its files from here. */
export function serveOpenApi(app: INestApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Lovage sample')
    .setDescription('Submit tasks, and ask what became of them.')
    .setVersion('1')
    .build();
  SwaggerModule.setup('api', app, () => SwaggerModule.createDocument(app, description), {
    customSiteTitle: 'Lovage sample: API',
    // Otherwise the page asks a service on the internet whether the description is valid.
    swaggerOptions: { validatorUrl: null },
  });
}
