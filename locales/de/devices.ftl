## Browser und Programme

device = { $browser } auf { $system }
device-browser = { $browser }
device-system = Unbekannter Browser auf { $system }
device-unknown = Unbekannter Browser
