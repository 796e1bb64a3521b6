"""Golden values of src/io/nifti from nibabel: small files of every kind, and what nibabel makes of them. Writes nifti.json beside itself.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python nifti.py
"""
import base64
import gzip
import json
import pathlib
import warnings

import nibabel as nib
import numpy as np

warnings.simplefilter("ignore")
OBLIQUE = [[1.9, 0.3, 0.1, -20], [-0.25, 1.4, 0.6, 5], [0.2, -0.5, 2.7, 11.5], [0, 0, 0, 1]]
SAMPLES = pathlib.Path(__file__).parents[3] / "shared" / "samples"


def raw(dtype, shape=(2, 3, 2), version=1, order="<", **fields):
    """A .nii whose header fields are set one by one, past all of nibabel's own care."""
    header = (nib.Nifti1Header if version == 1 else nib.Nifti2Header)(endianness=order)
    header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    header["magic"] = b"n+1" if version == 1 else b"n+2"
    header["vox_offset"] = 352 if version == 1 else 544
    header["xyzt_units"] = 10
    for name, value in fields.items():
        header[name] = value
    kind = np.dtype(dtype).newbyteorder(order)
    count = int(np.prod(shape))
    if kind.fields:
        data = np.arange(count * kind.itemsize, dtype=np.uint8).view(kind)
    elif kind.kind == "c":
        data = (np.arange(count) - 4 + 1j * np.arange(count) * 0.5).astype(kind)
    elif kind.kind == "u":
        data = (np.arange(count) * (np.iinfo(kind).max // 16) + 3).astype(kind)
    elif kind.kind == "i":
        data = (np.arange(count) * (np.iinfo(kind).max // 16) - np.iinfo(kind).max // 2).astype(kind)
    else:
        data = (np.arange(count) * 0.37 - 1.5).astype(kind)
    return header.binaryblock + b"\0" * 4 + data.tobytes()


def number(value):
    return float(value) if np.isfinite(value) else str(value)


def case(name, contents):
    path = pathlib.Path("/tmp/golden.nii")
    path.write_bytes(contents)
    entry = {"name": name, "file": base64.b64encode(gzip.compress(contents, mtime=0)).decode()}
    try:
        image = nib.load(path)
        scaled = np.asanyarray(image.dataobj)
        if scaled.dtype.fields:
            parts = scaled.copy(order="F").ravel(order="F").view(np.uint8)
        elif scaled.dtype.kind == "c":
            parts = np.column_stack([scaled.real.ravel(order="F"), scaled.imag.ravel(order="F")]).ravel()
        else:
            parts = image.get_fdata().ravel(order="F")
        spatial, time = image.header.get_xyzt_units()
        entry["expected"] = {
            "shape": [int(n) for n in image.shape],
            "zooms": [number(z) for z in image.header.get_zooms()],
            "affine": image.affine.tolist(),
            "orientation": "".join(code or "?" for code in nib.aff2axcodes(image.affine)),
            "units": [spatial, time],
            "values": [number(value) for value in parts],
        }
    except Exception as error:
        entry["refused"] = f"{type(error).__name__}: {error}"
    return entry


def sform(rows, **fields):
    return {"sform_code": 1, "srow_x": rows[0], "srow_y": rows[1], "srow_z": rows[2], **fields}


def sample(path):
    image = nib.load(path)
    data = image.get_fdata()
    return {
        "file": path.name,
        "shape": list(image.shape),
        "dtype": image.get_data_dtype().newbyteorder("=").name,
        "zooms": [float(z) for z in image.header.get_zooms()],
        "affine": image.affine.tolist(),
        "orientation": "".join(nib.aff2axcodes(image.affine)),
        "min": data.min(),
        "max": data.max(),
        "mean": data.mean(),
        "at": [[int(i) for i in index] + [float(data[tuple(index)])] for index in [np.array(data.shape) // k for k in (2, 3, 5)]],
    }


cases = []
for version in (1, 2):
    for order in "<>":
        for dtype in "u1 i1 u2 i2 u4 i4 u8 i8 f4 f8 c8 c16".split():
            cases.append(case(f"NIfTI-{version} {'little' if order == '<' else 'big'}-endian {np.dtype(dtype).name}", raw(dtype, (2, 3), version, order)))
rgb = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
rgba = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
cases += [case("RGB24", raw(rgb, (2, 2))), case("RGBA32", raw(rgba, (2, 2)))]
for slope, inter in [(2, -5), (-0.5, 3), (0, 7), (1, 0), (1, 2), (np.nan, 1), (np.inf, 1), (0.1, np.nan), (0, np.nan), (3e-5, 1e6)]:
    for dtype in ("i2", "f4"):
        cases.append(case(f"{np.dtype(dtype).name}, slope {slope}, intercept {inter}", raw(dtype, (5,), scl_slope=slope, scl_inter=inter)))
cases.append(case("complex64, slope 2, intercept 3", raw("c8", (4,), scl_slope=2, scl_inter=3)))
cases.append(case("int64 beyond 2^53, slope 2", raw("i8", (5,), scl_slope=2, scl_inter=1)))
quaternion = {"quatern_b": 0.1, "quatern_c": -0.3, "quatern_d": 0.2, "qoffset_x": 1, "qoffset_y": -2, "qoffset_z": 3}
grids = {
    "neither form": {},
    "neither form, 2-D": {"shape": (4, 6)},
    "neither form, 5-D": {"shape": (2, 1, 3, 2, 2), "pixdim": [1, 2, 3, 4, 5, 6, 7, 8]},
    "sform": sform(OBLIQUE),
    "qform": {"qform_code": 1, **quaternion},
    "qform, qfac -1": {"qform_code": 1, "pixdim": [-1, 1.5, 2, 2.5, 1, 1, 1, 1], **quaternion},
    "qform, qfac 0": {"qform_code": 1, "pixdim": [0, 1.5, 2, 2.5, 1, 1, 1, 1], **quaternion},
    "qform, half a turn": {"qform_code": 1, "quatern_b": 0, "quatern_c": 1, "quatern_d": 0},
    "qform, just over a unit": {"qform_code": 1, "quatern_b": np.float32(0.70710677), "quatern_c": np.float32(0.7071069), "quatern_d": 0},
    "qform that is no rotation": {"qform_code": 1, "quatern_b": 0.9, "quatern_c": 0.9, "quatern_d": 0},
    "both forms, qform_code higher": {**sform(OBLIQUE), "qform_code": 4, **quaternion},
    "negative and zero pixdim": {"pixdim": [1, -2, 0, 3, 1, 1, 1, 1]},
    "negative pixdim with qform": {"qform_code": 1, "pixdim": [1, -2, 2, 3, 1, 1, 1, 1], **quaternion},
    "sform LPS": sform([[-1, 0, 0, 9], [0, -1, 0, 8], [0, 0, 1, 7]]),
    "sform PIR": sform([[0, 0, 3, 9], [-1, 0, 0, 8], [0, -2, 0, 7]]),
    "sform at 45 degrees": sform([[1, -1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]]),
    "sform strongly sheared": sform([[1, 0.9, 0.9, 0], [0, 0.2, 0.8, 0], [0, 0.1, 0.3, 0]]),
    "sform without one axis": sform([[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]),
    "sform all 0": sform([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
    "units m and us": {"xyzt_units": 1 | 24},
    "units um and ms": {"xyzt_units": 3 | 16},
    "units unknown": {"xyzt_units": 0},
}
for name, fields in grids.items():
    for version in (1, 2):
        fields = dict(fields)
        cases.append(case(f"{name}, NIfTI-{version}", raw("u1", fields.pop("shape", (2, 3, 2)), version, "<>"[version - 1], **fields)))

out = {
    "nibabel": nib.__version__,
    "cases": cases,
    "samples": [sample(path) for path in sorted(SAMPLES.glob("*.nii*"))],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=0) + "\n")
