// node --expose-gc bench/engine/memory.mjs [plain]: 10,000 training steps of a small convolutional net; memory after each 1,000.
import { openEngine } from "../../dist/engine/index.js";

const { tf, step, close } = await openEngine({ prefer: "ort", threads: 1 });
const [first, second] = [tf.variable(tf.randomNormal([3, 3, 8, 16])), tf.variable(tf.randomNormal([3, 3, 16, 16]))];
const head = tf.variable(tf.randomNormal([16, 4]));
const x = tf.randomNormal([8, 12, 12, 8]);
const optimizer = tf.train.adam(1e-3);
const loss = () => {
  const y = tf.conv2d(tf.relu(tf.conv2d(x, first, 1, "same")), second, 1, "same");
  return tf.mean(tf.square(tf.matMul(tf.mean(y, [1, 2]), head)));
};
const minimize = () => optimizer.minimize(loss, true);
const once = process.argv[2] === "plain" ? minimize : step(minimize);
for (let thousand = 1; thousand <= 10; thousand++) {
  for (let i = 0; i < 1000; i++) {
    const value = once();
    if (i % 50 === 0) await value.data();
    value.dispose();
  }
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${thousand},000 steps: resident ${megabytes(rss)}, heap ${megabytes(heapUsed)}, arrays ${megabytes(external)}, ${tf.memory().numTensors} tensors`);
}
await close();
