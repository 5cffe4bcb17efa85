/** Starting an audio context, which may wait for a gesture, or for ever where there is no audio device. */

/**
 * @param {AudioContext} context
 * @param {number} limit milliseconds; `resume` itself may never settle
 * @returns {Promise<boolean>} whether the context runs by then
 */
export async function runs(context, limit) {
  if (context.state !== "running") {
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, limit))]);
  }
  return context.state === "running";
}
