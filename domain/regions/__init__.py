"""行政区划: the tree of places by their GB/T 2260 codes, as of any day.

The table holds every province, and Hubei down to its counties with its changes since 2010: an
earlier day is answered with the tree of that year. A change counts from the day it was approved
(批复之日), not from that of its announcement or its ceremony: an interpretation.
"""
