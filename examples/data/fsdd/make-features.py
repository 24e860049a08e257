#!/usr/bin/env python3
"""make-features.py FOLDER > spoken.npz: what the recordings digit_speaker_take.wav in FOLDER sound like, frame by frame.

13 mel-frequency cepstral coefficients a frame, as textbooks have them: frames of 32 ms every 16 ms under a Hann window, the power of 26
triangular bands of equal width on the mel scale from 60 Hz to 4 kHz, their logarithm, the cosine transform of that.  The recordings
differ in loudness, so coefficient 0, which tells it, is taken relative to the recording's largest.

The frames of all recordings lie one after the other, with offsets, as tokens of ragged samples do.
"""
import pathlib
import sys
import wave

import numpy as np

RATE, FRAME, HOP, BANDS, KEPT = 8000, 256, 128, 26, 13


def bands():
    """BANDS x (FRAME / 2 + 1): the weight of each frequency in each band."""
    mel = lambda hertz: 2595 * np.log10(1 + hertz / 700)
    edges = 700 * (10 ** (np.linspace(mel(60), mel(RATE / 2), BANDS + 2) / 2595) - 1)
    frequency = np.arange(FRAME // 2 + 1) * RATE / FRAME
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.clip(np.minimum((frequency - low) / (middle - low), (high - frequency) / (high - middle)), 0, None)


def coefficients(path):
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            sys.exit(f"{path}: is not one channel of 16 bits at {RATE} Hz")
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    sound = np.pad(sound, (0, max(0, FRAME - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * np.hanning(FRAME)
    power = np.log(np.abs(np.fft.rfft(frames)) ** 2 @ bands().T + 1e-10)
    cosine = np.cos(np.pi * np.outer(np.arange(KEPT), np.arange(BANDS) + .5) / BANDS) * np.sqrt(2 / BANDS)
    cepstrum = power @ cosine.T
    cepstrum[:, 0] -= cepstrum[:, 0].max()
    return cepstrum


paths = sorted(pathlib.Path(sys.argv[1]).glob("*.wav"))
frames = [coefficients(path) for path in paths]
names = [path.stem.split("_") for path in paths]
np.savez_compressed(sys.stdout.buffer, frames=np.concatenate(frames).astype("f2"), offsets=np.cumsum([0] + [len(f) for f in frames]).astype("i4"),
                    digit=np.array([int(name[0]) for name in names], "u1"), speaker=np.array([name[1] for name in names]))
