import type { DriverPlugin } from '../core/plugin.ts';

/** Options as a plan writes them, checked by the driver. @throws {Error} with the driver's words when it refuses them */
export async function checkedOptions<Options>(plugin: DriverPlugin<Options>, options: unknown): Promise<Options> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues === undefined) return checked.value;
  const problems = checked.issues.map(({ message, path = [] }) => {
    const keys = path.map((key) => String(typeof key === 'object' ? key.key : key));
    return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
  });
  throw new Error(`The driver "${plugin.name}" refuses these options: ${problems.join('; ')}`);
}
