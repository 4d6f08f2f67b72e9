"""The configuration: from a key in `config.yaml` to the value that the daemon uses.

The way of a key, module by module:

1. `schema` declares it: type, range, unit and default. `value_checks` holds the rules beyond those.
2. `keys` lists all keys, and `allowed_values` puts in words what each allows.
3. `config_file` and `environment` read what a user has set, each `setting` with its place.
   `drop_ins` adds the files of `config.d`, which commands write. `yaml_nodes` reads the YAML,
   `renamed` knows old names, `suggestions` explains typing mistakes.
4. `load` puts both together, checks them against the schema and returns one frozen `Config`.
   `size_checks` refuses sizes that are most likely a slip. `explanations` turns what is wrong
   into `problems`, each with its place.
5. `advice` warns of what is valid and most likely not meant.
6. `last_good` keeps what works for the next start. `changes` lists what a reload sets up anew.
7. The value is used in one place, under the same name: `config.detector.rate`, for example.

`folders` decides where the daemon keeps its own files.
"""
