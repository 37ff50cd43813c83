"""Cash registers and partners: messages to their servers, day reports and exports. Imports what vouchers may import."""
