// The networks that the engine bench times, in plain TensorFlow.js with seeded weights. Each returns one training step:
// forward, gradients, Adam. The PyTorch twins are in bench/peers/engine.py; keep shapes and order the same. `times` makes batches
// that many times larger, to fill a GPU.

export const nets = { unet, resnet, vit, transformer, encoder, policy, astra };

/** Uniform numbers in [0, 1) by xorshift32, and sums of four of them with unit variance. */
function generator(seed) {
  let s = seed >>> 0 || 1;
  const uniform = () => {
    s ^= s << 13;
    s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s / 4294967296;
  };
  const normal = () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return { uniform, normal };
}

function maker(tf, seed) {
  const random = generator(seed);
  const variables = [];
  const size = (shape) => shape.reduce((product, n) => product * n, 1);
  const keep = (variable) => {
    variables.push(variable);
    return variable;
  };
  return {
    variables,
    random,
    weights: (shape, fanIn = size(shape) / shape.at(-1)) =>
      keep(
        tf.variable(
          tf.tensor(
            Float32Array.from({ length: size(shape) }, () => random.normal() * Math.sqrt(2 / fanIn)),
            shape,
          ),
        ),
      ),
    zeros: (...shape) => keep(tf.variable(tf.zeros(shape))),
    ones: (...shape) => keep(tf.variable(tf.ones(shape))),
    data: (...shape) =>
      tf.tensor(
        Float32Array.from({ length: size(shape) }, () => random.normal()),
        shape,
      ),
  };
}

/** A convolution with batch norm by the batch's own moments. */
function convNorm(tf, make, kernel, from, to) {
  const filter = make.weights([kernel, kernel, from, to]);
  const gain = make.ones(to);
  const shift = make.zeros(to);
  return (x, stride = 1, pad = "same") => {
    const y = tf.conv2d(x, filter, stride, pad);
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.batchNorm(y, mean, variance, shift, gain, 1e-5);
  };
}

function residualNet(tf, make, { channels, depths, widths }) {
  const stem = convNorm(tf, make, 7, channels, widths[0]);
  let from = widths[0];
  const blocks = widths.flatMap((to, stage) =>
    Array.from({ length: depths[stage] }, (_, i) => {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const first = convNorm(tf, make, 3, from, to);
      const second = convNorm(tf, make, 3, to, to);
      const shortcut = stride > 1 || from !== to ? convNorm(tf, make, 1, from, to) : undefined;
      from = to;
      return (x) => tf.relu(tf.add(second(tf.relu(first(x, stride, 1))), shortcut ? shortcut(x, stride, 0) : x));
    }),
  );
  return (x) => blocks.reduce((y, block) => block(y), tf.maxPool(tf.relu(stem(x, 2, 3)), 3, 2, 1));
}

function trainer(tf, make, loss, learningRate) {
  const optimizer = tf.train.adam(learningRate);
  return () => optimizer.minimize(loss, true, make.variables);
}

/** ASTRA: 288 patches 32×32×3, ResNet-34 layout with widths 8 to 64, attention over the patches of a clip, NT-Xent. */
function astra(tf) {
  const clips = 32;
  const patches = 9;
  const make = maker(tf, 7);
  const backbone = residualNet(tf, make, { channels: 3, depths: [3, 4, 6, 3], widths: [8, 16, 32, 64] });
  const hidden = make.weights([64, 64]);
  const score = make.weights([64, 1]);
  const first = make.weights([64, 64]);
  const second = make.weights([64, 32]);
  const x = make.data(clips * patches, 32, 32, 3);
  const identity = tf.eye(clips);
  const partner = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: clips }, (_, i) => (i + clips / 2) % clips),
      "int32",
    ),
    clips,
  );
  const loss = () => {
    const features = tf.mean(backbone(x), [1, 2]); // [288, 64]
    const scores = tf.matMul(tf.tanh(tf.matMul(features, hidden)), score).reshape([clips, patches]);
    const attention = tf.softmax(scores).expandDims(2); // [clips, patches, 1]
    const pooled = tf.sum(tf.mul(features.reshape([clips, patches, 64]), attention), 1);
    const z = tf.matMul(tf.relu(tf.matMul(pooled, first)), second);
    const unit = tf.div(z, tf.add(tf.norm(z, "euclidean", 1, true), 1e-8));
    const similarity = tf.div(tf.matMul(unit, unit, false, true), 0.5);
    const masked = tf.sub(similarity, tf.mul(identity, 1e9));
    return tf.mean(tf.sub(tf.logSumExp(masked, 1), tf.sum(tf.mul(similarity, partner), 1)));
  };
  return { title: "ASTRA, 288 patches 32×32×3", step: trainer(tf, make, loss, 1e-3) };
}

/** U-Net 64×64×1, base 16, four poolings, batch 8, 1.94 M parameters, written with tf.layers. */
function unet(tf, times = 1) {
  const { layers } = tf;
  const convolution = (x, filters) =>
    layers
      .reLU()
      .apply(
        layers
          .batchNormalization({ epsilon: 1e-5, momentum: 0.9 })
          .apply(layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, kernelInitializer: "zeros" }).apply(x)),
      );
  const double = (x, filters) => convolution(convolution(x, filters), filters);
  const input = tf.input({ shape: [64, 64, 1] });
  let x = input;
  const skips = [];
  for (const filters of [16, 32, 64, 128]) {
    x = double(x, filters);
    skips.unshift(x);
    x = layers.maxPooling2d({ poolSize: 2 }).apply(x);
  }
  x = double(x, 256);
  for (const [i, filters] of [128, 64, 32, 16].entries()) {
    x = layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2, padding: "same", kernelInitializer: "zeros" }).apply(x);
    x = double(layers.concatenate().apply([skips[i], x]), filters);
  }
  const model = tf.model({ inputs: input, outputs: layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: "zeros" }).apply(x) });
  seedLayers(tf, model);
  const random = generator(3);
  const batch = 8 * times;
  const images = tf.tensor(
    Float32Array.from({ length: batch * 64 * 64 }, () => random.normal()),
    [batch, 64, 64, 1],
  );
  const masks = tf.tensor(
    Float32Array.from({ length: batch * 64 * 64 }, () => (random.uniform() < 0.4 ? 1 : 0)),
    [batch, 64, 64, 1],
  );
  const make = { variables: model.trainableWeights.map((weight) => weight.read()) };
  return {
    title: `U-Net 64×64, batch ${batch}`,
    forward: () => tf.tidy(() => model.apply(images, { training: true })),
    step: trainer(tf, make, () => tf.losses.sigmoidCrossEntropy(masks, model.apply(images, { training: true })), 1e-3),
  };
}

function seedLayers(tf, model) {
  const random = generator(7);
  model.setWeights(
    model.weights.map(({ name, shape }) => {
      if (/gamma|variance/.test(name)) return tf.ones(shape);
      if (!name.includes("kernel")) return tf.zeros(shape);
      const size = shape.reduce((product, n) => product * n, 1);
      const fanIn = size / shape.at(-1);
      return tf.tensor(
        Float32Array.from({ length: size }, () => random.normal() * Math.sqrt(2 / fanIn)),
        shape,
      );
    }),
  );
}

/** ResNet-34, 64 patches 32×32×3, 21 M parameters. */
function resnet(tf, times = 1) {
  const batch = 64 * times;
  const make = maker(tf, 7);
  const backbone = residualNet(tf, make, { channels: 3, depths: [3, 4, 6, 3], widths: [64, 128, 256, 512] });
  const head = make.weights([512, 10]);
  const x = make.data(batch, 32, 32, 3);
  const y = make.data(batch, 10);
  const loss = () => tf.losses.meanSquaredError(y, tf.matMul(tf.mean(backbone(x), [1, 2]), head));
  return { title: `ResNet-34 32×32, batch ${batch}`, step: trainer(tf, make, loss, 1e-4) };
}

/** A PPO policy: 8-256-256-4, batch 32. */
function policy(tf, times = 1) {
  const batch = 32 * times;
  const make = maker(tf, 7);
  const sizes = [8, 256, 256, 4];
  const layers = sizes.slice(1).map((to, i) => ({ w: make.weights([sizes[i], to]), b: make.zeros(to) }));
  const x = make.data(batch, 8);
  const y = make.data(batch, 4);
  const loss = () => {
    const out = layers.reduce((h, { w, b }, i) => (i < 2 ? tf.relu(tf.add(tf.matMul(h, w), b)) : tf.add(tf.matMul(h, w), b)), x);
    return tf.losses.meanSquaredError(y, out);
  };
  return { title: `PPO policy 8-256-256-4, batch ${batch}`, step: trainer(tf, make, loss, 3e-4), repeats: 20 };
}

/** What transformers are made of, on [batch · length, width]. */
function transformerParts(tf, make, { batch, length, width, heads }) {
  const linear = (from, to) => {
    const w = make.weights([from, to]);
    const b = make.zeros(to);
    return (x) => tf.add(tf.matMul(x, w), b);
  };
  const norm = () => {
    const gain = make.ones(width);
    const shift = make.zeros(width);
    return (x) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5))), gain), shift);
    };
  };
  const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  const block = () => {
    const [before, qkv, out] = [norm(), linear(width, 3 * width), linear(width, width)];
    const [after, up, down] = [norm(), linear(width, 4 * width), linear(4 * width, width)];
    const attend = (x) => {
      const split = tf.split(qkv(x), 3, 1).map((part) => part.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]));
      const weights = tf.softmax(tf.mul(tf.matMul(split[0], split[1], false, true), 1 / Math.sqrt(width / heads)));
      return out(
        tf
          .matMul(weights, split[2])
          .transpose([0, 2, 1, 3])
          .reshape([batch * length, width]),
      );
    };
    return (x) => {
      const y = tf.add(x, attend(before(x)));
      return tf.add(y, down(gelu(up(after(y)))));
    };
  };
  return { linear, norm, block };
}

/** One block of ViT-B on 2 images of 14×14 patches. */
function vit(tf, times = 1) {
  const batch = 2 * times;
  const make = maker(tf, 7);
  const { block } = transformerParts(tf, make, { batch, length: 196, width: 768, heads: 12 });
  const one = block();
  const x = make.data(batch * 196, 768);
  const y = make.data(batch * 196, 768);
  return { title: `ViT-B block, ${batch}×196 tokens`, step: trainer(tf, make, () => tf.losses.meanSquaredError(y, one(x)), 1e-4) };
}

/** MedSAM's image encoder in size: ViT-B, 12 blocks, one image of 16×16 patches, forward only. */
function encoder(tf, times = 1) {
  const make = maker(tf, 7);
  const { block } = transformerParts(tf, make, { batch: times, length: 256, width: 768, heads: 12 });
  const blocks = Array.from({ length: 12 }, block);
  const x = make.data(times * 256, 768);
  return { title: `MedSAM-size forward, ${times === 1 ? "" : `${times}×`}256 tokens`, step: () => tf.tidy(() => tf.mean(blocks.reduce((y, next) => next(y), x))) };
}

/** A language model in small: width 128, 4 blocks, 4 heads, 128 tokens, batch 8, 512 words, GELU, layer norm. */
function transformer(tf, times = 1) {
  const [batch, length, width, words] = [8 * times, 128, 128, 512];
  const make = maker(tf, 7);
  const embedding = make.weights([words, width], width);
  const positions = make.weights([length, width], width);
  const { linear, norm, block } = transformerParts(tf, make, { batch, length, width, heads: 4 });
  const blocks = Array.from({ length: 4 }, block);
  const last = norm();
  const head = linear(width, words);
  const ids = tf.tensor1d(
    Array.from({ length: batch * length }, () => Math.floor(make.random.uniform() * words)),
    "int32",
  );
  const targets = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch * length }, () => Math.floor(make.random.uniform() * words)),
      "int32",
    ),
    words,
  );
  const loss = () => {
    const x = blocks.reduce((y, next) => next(y), tf.add(tf.gather(embedding, ids), tf.tile(positions, [batch, 1])));
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(head(last(x))), targets), 1)));
  };
  return { title: `Transformer d128 ×4, ${batch}×128 tokens`, step: trainer(tf, make, loss, 3e-4) };
}
