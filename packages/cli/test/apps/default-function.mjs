import { make } from './tasks.mjs';

/** More than the app must be closed. */
export default async function application() {
  const app = await make();
  return {
    app,
    close: async () => {
      await app.close();
      process.stdout.write('closed by the application\n');
    },
  };
}
