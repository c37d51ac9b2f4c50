"""The languages that a site or a post may be in, as tags of BCP 47, each with its name in itself.

Babel knows all this too, but takes 80 MB and most of a second to tell it of all of them.
"""

OFFERED = {
    "ar": "العربية", "bg": "български", "bn": "বাংলা", "ca": "català", "cs": "čeština", "da": "dansk",
    "de": "Deutsch", "el": "Ελληνικά", "en": "English", "en-GB": "English (United Kingdom)", "es": "español",
    "et": "eesti", "fa": "فارسی", "fi": "suomi", "fr": "français", "ga": "Gaeilge", "he": "עברית", "hi": "हिन्दी",
    "hr": "hrvatski", "hu": "magyar", "id": "Indonesia", "is": "íslenska", "it": "italiano", "ja": "日本語",
    "ka": "ქართული", "kk": "қазақ тілі", "ko": "한국어", "lt": "lietuvių", "lv": "latviešu", "mk": "македонски",
    "ms": "Melayu", "nb": "norsk bokmål", "nl": "Nederlands", "nn": "norsk nynorsk", "pl": "polski",
    "pt": "português", "pt-BR": "português (Brasil)", "ro": "română", "ru": "русский", "sk": "slovenčina",
    "sl": "slovenščina", "sq": "shqip", "sr": "српски", "sv": "svenska", "sw": "Kiswahili", "ta": "தமிழ்",
    "th": "ไทย", "tr": "Türkçe", "uk": "українська", "ur": "اردو", "uz": "o‘zbek", "vi": "Tiếng Việt",
    "zh-Hans": "中文 (简体)", "zh-Hant": "中文 (繁體)",
}  # fmt: skip
"""The interface speaks those of them that have a catalog."""
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
