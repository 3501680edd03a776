"""The local model: a GGUF file behind llama.cpp's server, a child process on loopback.

The client reaches it through `chatwidget.local.transport`, which starts the process with the first
question. It needs the package ``xllamacpp``, which the extra ``local`` brings.
"""
