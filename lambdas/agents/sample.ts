import { join } from 'node:path';
import { defineApplication } from '../application.ts';
import { routes, suspiciousRoute } from '../oversight/routes.ts';
import { support } from './support.ts';

/** What the sample stack deploys. */
export const application = defineApplication({
  module: import.meta.filename,
  policies: join(import.meta.dirname, '../policy'),
  agents: [support],
  routes,
  suspiciousRoute,
});
