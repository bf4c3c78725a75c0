"""Computes what test/evaluation/*.test.ts compare umwelt's metrics with, by numpy and scipy alone.

    python3 test/evaluation/reference/metrics.py > test/evaluation/reference/metrics.json

Written from the papers' equations, not from umwelt's code. numpy 2.4.6, scipy 1.17.1.
"""

import json

import numpy as np
from scipy import integrate, linalg, ndimage, signal, spatial, stats


def uniform(seed, count):
    """Park and Miller's minimal standard generator, exact in float64 too."""
    values = []
    for _ in range(count):
        seed = seed * 48271 % 2147483647
        values.append(seed / 2147483647)
    return np.array(values)


def vision():
    a = np.floor(uniform(1, 24 * 20 * 3) * 256).reshape(20, 24, 3)
    b = np.clip(np.floor(a * 0.8 + 40 * uniform(2, a.size).reshape(a.shape)), 0, 255)
    weights = np.array([0.299, 0.587, 0.114])
    x, y = a @ weights, b @ weights
    grid = np.arange(-5, 6)
    kernel = np.exp(-(grid[:, None] ** 2 + grid[None] ** 2) / (2 * 1.5**2))
    kernel /= kernel.sum()

    def smooth(values):
        return signal.correlate2d(values, kernel, mode='valid')

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = smooth(x), smooth(y)
    vx, vy, vxy = smooth(x * x) - mx**2, smooth(y * y) - my**2, smooth(x * y) - mx * my
    ssim = ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    mask = (uniform(3, 24 * 20) > 0.7).reshape(20, 24)
    cy, cx = ndimage.center_of_mass(mask)
    return {
        'psnrDb': float(10 * np.log10(255**2 / np.mean((a - b) ** 2))),
        'ssim': float(ssim.mean()),
        'centroidPx': [float(cx), float(cy)],
    }


def stft_power(x, fft, hop, window):
    """As torch.stft(x, fft, hop, window, torch.hann_window(window)), center=True, pad_mode='reflect'."""
    padded = np.pad(x, fft // 2, mode='reflect')
    weights = np.zeros(fft)
    left = (fft - window) // 2
    weights[left : left + window] = signal.get_window('hann', window)
    frames = 1 + (len(padded) - fft) // hop
    return np.array([np.abs(np.fft.rfft(weights * padded[i * hop : i * hop + fft])) ** 2 for i in range(frames)])


def sounds():
    time = np.arange(8000) / 8000
    y = np.exp(-6 * time) * np.sin(2 * np.pi * 440 * time) + 0.02 * (uniform(4, 8000) - 0.5)
    x = 0.9 * np.exp(-5 * time) * np.sin(2 * np.pi * 450 * time) + 0.03 * (uniform(5, 8000) - 0.5)
    return x, y


def audio():
    x, y = sounds()
    p, q = stft_power(x, 1024, 256, 1024), stft_power(y, 1024, 256, 1024)
    floor = q.max() * 1e-8
    ratio = 10 * np.log10(np.maximum(p, floor) / np.maximum(q, floor))
    peak = np.abs(y).max()
    convergence, log_magnitude = [], []
    for fft, hop, window in ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240)):
        s = np.sqrt(np.maximum(stft_power(x / peak, fft, hop, window), 1e-7))
        t = np.sqrt(np.maximum(stft_power(y / peak, fft, hop, window), 1e-7))
        convergence.append(np.linalg.norm(t - s) / np.linalg.norm(t))
        log_magnitude.append(np.mean(np.abs(np.log(t) - np.log(s))))
    _, density = signal.welch(y, 8000, window='hann', nperseg=256, noverlap=128, detrend='constant')
    return {
        'logSpectralDistanceDb': float(np.mean(np.sqrt(np.mean(ratio**2, axis=1)))),
        'convergence': float(np.mean(convergence)),
        'logMagnitude': float(np.mean(log_magnitude)),
        'welch': [float(density[i]) for i in (0, 5, 14, 100, 128)],
    }


def uncertainty():
    x, y = 3 * uniform(6, 11), 1.7
    m = len(x)
    pairs = np.abs(x[:, None] - x[None]).sum() / (2 * m * (m - 1))
    mean, deviation = 0.4, 1.3

    def step(t):
        return (stats.norm.cdf(t, mean, deviation) - (t >= y)) ** 2

    crps_normal = integrate.quad(step, -15, y, epsabs=1e-13)[0] + integrate.quad(step, y, 15, epsabs=1e-13)[0]
    q = uniform(7, 4 * 9).reshape(9, 4) - 0.5
    turns = spatial.transform.Rotation.from_quat(q / np.linalg.norm(q, axis=1, keepdims=True), scalar_first=True)
    angle = np.array([[(a.inv() * b).magnitude() for b in turns] for a in turns])
    chord = np.array([[np.linalg.norm(a.as_matrix() - b.as_matrix()) / np.sqrt(2) for b in turns] for a in turns])

    def score(d):
        return float(d[1:, 0].mean() - d[1:, 1:].sum() / (2 * 8 * 7))

    return {
        'crpsEnsemble': float(np.abs(x - y).mean() - pairs),
        'crpsNormal': float(crps_normal),
        'normalNll': float(-stats.norm.logpdf(y, mean, deviation)),
        'ensembleNll': float(-stats.norm.logpdf(y, x.mean(), x.std(ddof=1))),
        'energyScoreGeodesic': score(angle),
        'energyScoreChordal': score(chord),
    }


def statistics():
    x = stats.norm.ppf(uniform(8, 50)) ** 3
    a, b = uniform(9, 40), uniform(10, 40)
    b = 0.6 * a + b
    interval = stats.pearsonr(a, b).confidence_interval(0.95)
    return {
        'iqm50': float(stats.trim_mean(x, 0.25)),
        'iqm47': float(stats.trim_mean(x[:47], 0.25)),
        'pearson': [float(stats.pearsonr(a, b)[0]), float(interval.low), float(interval.high)],
        'spearman': float(stats.spearmanr(a, b)[0]),
    }


def two_sample():
    a = stats.norm.ppf(uniform(12, 30 * 3)).reshape(30, 3)
    b = stats.norm.ppf(uniform(13, 25 * 3)).reshape(25, 3) * 1.2 + 0.5
    both = np.vstack([a, b])
    squared = spatial.distance.cdist(both, both, 'sqeuclidean')
    bandwidth = np.sqrt(np.median(squared[np.triu_indices(55, 1)]))
    k = np.exp(-squared / (2 * bandwidth**2))
    n, m = 30, 25
    kaa, kbb, kab = k[:n, :n], k[n:, n:], k[:n, n:]
    mmd = (kaa.sum() - n) / (n * (n - 1)) + (kbb.sum() - m) / (m * (m - 1)) - 2 * kab.mean()
    d = np.sqrt(squared)
    energy = 2 * d[:n, n:].mean() - d[:n, :n].sum() / (n * (n - 1)) - d[n:, n:].sum() / (m * (m - 1))
    root = linalg.sqrtm(np.cov(a.T) @ np.cov(b.T)).real
    gap = a.mean(0) - b.mean(0)
    return {
        'bandwidth': float(bandwidth),
        'mmdSquared': float(mmd),
        'energyDistance': float(energy),
        'energyDistanceV1': float(stats.energy_distance(a[:, 0], b[:, 0]) ** 2),
        'auc': float(stats.mannwhitneyu(b[:, 0], a[:, 0]).statistic / (n * m)),
        'frechet': float(gap @ gap + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)),
    }


if __name__ == '__main__':
    parts = (vision, audio, uncertainty, statistics, two_sample)
    print(json.dumps({part.__name__: part() for part in parts}, indent=2))
