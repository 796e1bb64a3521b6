import type { WeightTarget } from "../io/index.js";

/** What a method takes from published files. */
export interface MethodWeights {
  /** Each architecture that `--architecture` may name and what it is; the first one is taken unless another is named. */
  readonly architectures: Readonly<Record<string, string>>;
  /** Loads the method only when it is asked for. */
  target(architecture: string): Promise<WeightTarget>;
}

/** `folio weights convert --for METHOD`: one entry a method. */
export const methodWeights: Readonly<Record<string, MethodWeights>> = {
  astra: {
    architectures: {
      resnet34: "torchvision's ResNet-34",
      resnet18: "torchvision's ResNet-18",
      small: "the encoder of the presets small and quick",
    },
    target: async (architecture) => {
      const { astraBackbone, backboneShapes } = await import("../methods/astra/index.js");
      return astraBackbone(backboneShapes[architecture as keyof typeof backboneShapes]);
    },
  },
  aespa: {
    architectures: {
      medsam: "SAM or MedSAM ViT-B, every tensor in its place",
      "medsam-faithful": "SAM or MedSAM ViT-B as the published code loads it: 282 of 314 tensors",
      "medsam-hf": "MedSAM or SAM ViT-B under Hugging Face's names",
      "medsam-hf-faithful": "the same, without the 32 tensors that the published code loses",
      aespa: "a checkpoint_best.pth of AESPA's or SPA's own train.py, or what folio weights export wrote",
    },
    target: async (architecture) => {
      const { aespaTarget } = await import("../methods/aespa/index.js");
      return aespaTarget(architecture as "medsam");
    },
  },
  asmr: {
    architectures: {
      unet: "PyTorch-UNet, 1 channel to 4 classes",
      "unet-bilinear": "the same with bilinear upsampling",
      unetpp: "UNet++ in its nnU-Net form, base 30, instance norm",
      "unetpp-batch": "the same with batch norm, the constructor's default",
      unext: "UNeXt, 3 channels to 4 classes",
      "unext-small": "UNeXt_S",
      policy: "ASMR's actor and critic for 256 columns",
      resnet18: "torchvision's ResNet-18, as the policy's backbone",
    },
    target: async (architecture) => {
      const { publishedTarget } = await import("../methods/asmr/index.js");
      return publishedTarget(architecture as Parameters<typeof publishedTarget>[0]);
    },
  },
  rasalore: {
    architectures: {
      encoder: "Encoder_Model.pth of RASALoRE's own train.py",
      decoder: "Decoder_Model.pth of RASALoRE's own train.py",
      "clip-vit-b32": "OpenAI's ViT-B-32.pt, both towers",
      "ddpt-text": "stage 1: prompt_learner/model.pth.tar-60",
      "ddpt-visual": "stage 1: image_encoder.transformer.ctx_learner/model.pth.tar-60",
      "ddpt-class-aware": "stage 1: image_encoder.transformer.extractor/model.pth.tar-60",
    },
    target: async (architecture) => {
      const { rasaloreTarget } = await import("../methods/rasalore/index.js");
      return rasaloreTarget(architecture as "encoder");
    },
  },
  "prs-med": {
    architectures: {
      tinysam: "TinySAM's tinysam_42.3.pth, or the image_encoder.pth of PRS-Med: the image encoder",
      "sam-med2d": "sam-med2d_b.pth: SAM's image encoder at 256 pixels, its adapters left out",
      "mask-decoder": "PRS-Med's mask_decoder.pth",
      "llava-med": "LLaVA-Med 1.5 (Mistral 7B), safetensors with index: tower, projector and language model",
      lora: "PRS-Med's lora_adapter: rank 16 on q, k, v, o",
    },
    target: async (architecture) => {
      const { prsMedTarget } = await import("../methods/prs-med/index.js");
      return prsMedTarget(architecture as "tinysam");
    },
  },
};
