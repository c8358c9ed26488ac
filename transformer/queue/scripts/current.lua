-- KEYS  generation          Gives the generation.
return generation(KEYS[1])
