import { defineRoutes } from './check-routes.ts';
import type { Routes } from './route.ts';

const HOUR = 3600;

/** Who decides what in the sample. Policies name these routes; the build checks the table. */
export const routes: Routes = defineRoutes({
  /** The agent asks a person something: an answer, not an authority. */
  question: {
    groups: ['support-leads', 'support'],
    quorum: 1,
    fourEyes: false,
    limitSeconds: 8 * HOUR,
    strictness: 0,
  },
  /** Nobody knows whether an effect happened: whoever can look it up says so. */
  'in-doubt': {
    groups: ['operations', 'support-leads'],
    quorum: 1,
    fourEyes: false,
    limitSeconds: 7 * 24 * HOUR,
    strictness: 10,
  },
  'support-lead': {
    groups: ['support-leads'],
    quorum: 1,
    fourEyes: true,
    limitSeconds: 24 * HOUR,
    next: 'finance',
    strictness: 30,
  },
  finance: {
    groups: ['finance'],
    quorum: 1,
    fourEyes: true,
    limitSeconds: 24 * HOUR,
    next: 'critical',
    strictness: 60,
  },
  critical: {
    groups: ['finance', 'operations'],
    quorum: 2,
    distinctGroups: 2,
    fourEyes: true,
    limitSeconds: 2 * HOUR,
    next: 'critical-second',
    strictness: 90,
  },
  /** By half of the time that a critical question has, somebody else can stand in for whoever does not answer. */
  'critical-second': {
    groups: ['finance', 'operations', 'directors'],
    quorum: 2,
    distinctGroups: 2,
    fourEyes: true,
    limitSeconds: 2 * HOUR,
    strictness: 90,
  },
});

/** Where free text with invisible or reordering characters is looked at, whatever the policy says (T16). */
export const suspiciousRoute = 'support-lead';
