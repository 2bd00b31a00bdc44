import { pino } from 'pino';
import type { Log } from '../ports.ts';

/**
 * JSON lines to stdout; journald keeps them. No pino transports: they need files beside the bundle. `level` is
 * one of pino's, e.g. `debug`.
 */
export function createLog(level: string): Log {
  const logger = pino({
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
  });
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
