-- Values that specs use where a secret belongs.  The runner searches the complete output of the
-- whole suite for them, plain, percent-encoded and in base64: finding one fails the run.  Hence no
-- spec may print one, nor name a test after one.
return {
  client_id = "canary-client-id-not-secret", -- for Basic headers; not searched for
  secret = "c4na7y5ec7e7f0ee1d5e4f6b8a9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718",
  password = "Canary/Pass+word=73 91%&",
  otp = "73915046",
  token = "c4na7y70ce4a52fe8b9d0c1a2e3f4b5c6d7e8f90a1b2c3d4e5f607182930a1b2",
}
