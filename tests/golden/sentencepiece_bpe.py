"""Writes sentencepiece_bpe.json: BPE models trained by the SentencePiece library, and how it splits twenty texts with each.

Python 3 with sentencepiece. `llama-like` has byte fallback, keeps spaces and puts one in front, as LLaMA's tokenizer does; `trimmed` is the
library's default treatment of spaces; `ours` is a model that Folio trained and wrote (tests/golden/folio_bpe.model as base64), read by the library.
"""
import base64
import io
import json
from pathlib import Path

import sentencepiece as spm

here = Path(__file__)
lines = (["Where is the tumor in this MRI scan?", "The tumour is located in the top left of the scan, near the center.", "Which area shows the polyp?",
          "A dark nodule is found in the bottom right, away from the center.", "### User: please find and segment the lesion", "### Assistant:", "upper-left, lower-right"] * 8)
texts = ["Where is the tumor?", "", " ", "  two  spaces ", "top-left", "### User: Where is the polyp in this scan? \n### Assistant: \nThe polyp", "naïve café", "日本語 text", "a\tb\nc", "😀 ok",
         "The tumour is located in the top left of the scan, near the center.", "xyzzy plugh", "ALL CAPS", "0.5 % of 1,234", "▁literal", "(benign (1).png)", "tumortumortumor", "the the the", "über-left", "e\u0301clair"]


def train(**more):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, model_type="bpe", vocab_size=more.pop("vocab_size"), normalization_rule_name="identity", character_coverage=1.0, minloglevel=2, **more)
    return model.getvalue()


def split(model):
    sp = spm.SentencePieceProcessor(model_proto=model)
    ids = [sp.encode(text) for text in texts]
    return {"model": base64.b64encode(model).decode(), "ids": ids, "decoded": [sp.decode(each) for each in ids]}


out = {"sentencepiece": spm.__version__, "texts": texts,
       "llama-like": split(train(vocab_size=400, byte_fallback=True, remove_extra_whitespaces=False, add_dummy_prefix=True, split_digits=True, allow_whitespace_only_pieces=True)),
       "trimmed": split(train(vocab_size=120)),
       "with-symbols": split(train(vocab_size=130, user_defined_symbols=["###", "<image>"]))}
ours = here.with_name("folio_bpe.model.txt")
if ours.exists():
    out["ours"] = split(base64.b64decode(ours.read_text()))
here.with_suffix(".json").write_text(json.dumps(out, ensure_ascii=True) + "\n")
