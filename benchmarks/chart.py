"""Bars drawn as SVG: what people would rather look at than read."""

from html import escape

WIDTH, ROW, LABEL, END = 720, 30, 190, 70


def bars(title: str, values: list[tuple[str, float]]) -> str:
    """Draw a bar for each value, shorter is better."""
    most = max(value for _, value in values) or 1
    height = ROW * len(values) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="system-ui, sans-serif" font-size="14">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fdfcf8"/>',
        f'<text x="12" y="26" font-weight="600" fill="#211d18">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(values):
        top = 42 + number * ROW
        length = max(1, (WIDTH - LABEL - END) * value / most)
        parts.append(f'<text x="{LABEL - 10}" y="{top + 16}" text-anchor="end" fill="#5d554b">{escape(name)}</text>')
        parts.append(f'<rect x="{LABEL}" y="{top + 3}" width="{length:.1f}" height="18" rx="2" fill="#8a2c18"/>')
        parts.append(f'<text x="{LABEL + length + 8:.1f}" y="{top + 17}" fill="#211d18">{value:.2f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
