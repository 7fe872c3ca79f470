/** What was measured by the contender itself, without its connecting and closing. */
export const stretch: { seconds: number; cpuSeconds: number } = { seconds: 0, cpuSeconds: 0 };

/** Measures time and the processor time of this process. */
export async function measured(act: () => Promise<void>): Promise<void> {
  const [cpu, begin] = [process.cpuUsage(), performance.now()];
  await act();
  stretch.seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  stretch.cpuSeconds = (used.user + used.system) / 1e6;
}
