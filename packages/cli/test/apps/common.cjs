const { TaskApp } = require('@lovage/core');

exports.application = async () => {
  const app = await TaskApp.create({ broker: 'redis://nowhere.invalid' });
  app.registry.add({ name: 'where', run: () => ({ pid: process.pid }), options: {}, source: 'common.cjs' });
  return app;
};
