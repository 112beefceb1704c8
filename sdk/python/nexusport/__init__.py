"""Write NexusPort plugins in Python: `nexusport.carrier`, `nexusport.pricing` and `nexusport.branding`, one for each world.

A plugin is a function of what it is given: no clock, no chance, no network, no file, and nothing is kept between calls."""

from . import frozen as frozen
