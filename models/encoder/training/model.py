"""The encoder (MiniLM, Wang et al. 2020: BERT with six layers of width 384) and the reader's heads.

Shapes: B windows, T pieces, W words, L cues ("links"), H = 384.
"""
import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

SHAPES, QUOTES = 5, 4  # analysis/attribution: shapeCount, quoteCount
LABELS, PARTS = 7, 3  # analysis/attribution: labelCount, partCount
CONTENT, MENTION = 3, 4  # analysis/stance: roleContent, roleMention
ROLES = 7  # analysis/stance: roleCount
SIDES = {"statement": 4, "targeted": 3, "directed": 5}  # classes of each task


def depth(state):
    """The number of layers of a model's saved weights."""
    return 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers."))


def thinned(state, layers):
    """Saved weights with every k-th layer alone, so that layers are left (DistilBERT, Sanh et al. 2019)."""
    step = depth(state) // layers
    out = {}
    for name, w in state.items():
        part = name.split(".")
        if name.startswith("encoder.layers."):
            if int(part[2]) % step:
                continue
            part[2] = str(int(part[2]) // step)
        out[".".join(part)] = w
    return out


class Layer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.attended = nn.LayerNorm(width, eps=1e-12)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x, mask):
        b, t, h = x.shape
        # matrix products, not torch's fused attention, whose way back is several times slower on a CPU in half precision
        split = lambda y: y.view(b, t, self.heads, h // self.heads).transpose(1, 2).flatten(0, 1)
        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        unseen = torch.where(mask, 0.0, -3e4).to(q.dtype).expand(b, self.heads, 1, t).flatten(0, 1)
        scores = torch.baddbmm(unseen, q, k.transpose(1, 2), alpha=(h // self.heads) ** -0.5)
        with torch.autocast(x.device.type, enabled=False):  # which would take the softmax in full precision
            a = torch.bmm(scores.softmax(-1), v).view(b, self.heads, t, h // self.heads)
        x = self.attended(x + self.output(a.transpose(1, 2).reshape(b, t, h)))
        return self.norm(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """Pieces, their shapes and quote states -> vectors [B, T, H]. Word embeddings stay as they were."""

    def __init__(self, base: Path, roles=0, depth=None):
        super().__init__()
        config = json.loads((base / "config.json").read_text())
        depth = depth or config["num_hidden_layers"]
        width = self.width = config["hidden_size"]
        self.word = nn.Embedding(config["vocab_size"], width)
        self.position = nn.Embedding(config["max_position_embeddings"], width)
        self.shape, self.quote = nn.Embedding(SHAPES, width), nn.Embedding(QUOTES, width)
        self.role = nn.Embedding(roles, width) if roles else None
        if roles:
            nn.init.normal_(self.role.weight, std=0.02)
        self.norm = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        self.layers = nn.ModuleList(
            Layer(width, config["intermediate_size"], config["num_attention_heads"]) for _ in range(depth)
        )
        self.take(load_file(base / "model.safetensors"), config["num_hidden_layers"] // depth)
        self.word.weight.requires_grad_(False)

    def take(self, w, step):
        """Takes the base's weights, of every step-th layer."""
        self.word.weight.data = w["embeddings.word_embeddings.weight"]
        # every text is of type 0, so its vector is part of the position's
        self.position.weight.data = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
        nn.init.zeros_(self.shape.weight)
        nn.init.zeros_(self.quote.weight)
        pairs = [("norm", "embeddings.LayerNorm")]
        for i in range(len(self.layers)):
            source = f"encoder.layer.{i * step}."
            for mine, theirs in [
                ("query", "attention.self.query"), ("key", "attention.self.key"), ("value", "attention.self.value"),
                ("output", "attention.output.dense"), ("attended", "attention.output.LayerNorm"),
                ("up", "intermediate.dense"), ("down", "output.dense"), ("norm", "output.LayerNorm"),
            ]:
                pairs.append((f"layers.{i}.{mine}", source + theirs))
        for mine, theirs in pairs:
            module = self.get_submodule(mine)
            module.weight.data, module.bias.data = w[theirs + ".weight"], w[theirs + ".bias"]

    def forward(self, pieces, mask, shapes, quotes, roles=None):
        at = torch.arange(pieces.shape[1], device=pieces.device)
        x = self.word(pieces) + self.position(at) + self.shape(shapes) + self.quote(quotes)
        x = self.norm(x if roles is None else x + self.role(roles))
        mask = mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x


def bucket(d):
    """Distances in words -> 0…31: exact to 7, then by half octaves (after T5, Raffel et al. 2020)."""
    a = d.abs()
    far = (8 + (torch.log2(a.clamp(min=8).float() / 8) * 2).long()).clamp(max=15)
    b = torch.where(a < 8, a, far)
    return torch.where(d < 0, 15 - b, 16 + b)


class Reader(nn.Module):
    """Labels of words, and for each cue the part that each word plays for it."""

    def __init__(self, base: Path, depth=None, width=192):
        super().__init__()
        self.encoder = Encoder(base, depth=depth)
        h = self.encoder.width
        self.drop = nn.Dropout(0.1)
        self.label = nn.Linear(h, LABELS)
        self.add_word, self.add_cue = nn.Linear(h, width), nn.Linear(h, width)
        self.mul_word, self.mul_cue = nn.Linear(h, width), nn.Linear(h, width)
        self.distance, self.sentence, self.paragraph = nn.Embedding(32, width), nn.Embedding(7, width), nn.Embedding(3, width)
        for e in (self.distance, self.sentence, self.paragraph):
            nn.init.normal_(e.weight, std=0.02)
        self.inner, self.part = nn.Linear(2 * width, width), nn.Linear(width, PARTS)

    def words(self, pieces, mask, shapes, quotes, words):
        x = self.encoder(pieces, mask, shapes, quotes)
        return self.drop(x.gather(1, words[..., None].expand(-1, -1, x.shape[-1])))

    def links(self, x, row, first, last, distance, sentence, paragraph):
        """x [B, W, H] -> [L, W, 3]; row, first, last [L]; the distances of each word from the cue [L, W]."""
        cue = (x[row, first] + x[row, last]) / 2
        add = self.add_word(x)[row] + self.add_cue(cue)[:, None]
        add = add + self.distance(bucket(distance)) + self.sentence(sentence.clamp(-3, 3) + 3) + self.paragraph(paragraph.clamp(-1, 1) + 1)
        mul = self.mul_word(x)[row] * self.mul_cue(cue)[:, None]
        return self.part(F.gelu(self.inner(self.drop(F.gelu(torch.cat([add, mul], -1))))))


class Side(nn.Module):
    """Which side a statement takes toward a target, from a passage with roles."""

    def __init__(self, base: Path, depth=None):
        super().__init__()
        self.encoder = Encoder(base, ROLES, depth)
        h = self.encoder.width
        self.drop = nn.Dropout(0.1)
        self.pool = nn.Linear(3 * h, h)
        self.sides = nn.ModuleDict({task: nn.Linear(h, n) for task, n in SIDES.items()})

    def forward(self, pieces, mask, shapes, quotes, roles):
        """-> pooled [B, H]: of CLS, the content, and the mentions of the target."""
        x = self.encoder(pieces, mask, shapes, quotes, roles)

        def mean(role):
            w = (roles == role).float()
            return torch.einsum("bt,bth->bh", w, x) / w.sum(1, keepdim=True).clamp(min=1)

        return self.drop(F.gelu(self.pool(self.drop(torch.cat([x[:, 0], mean(CONTENT), mean(MENTION)], 1)))))
