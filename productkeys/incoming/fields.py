"""What a column of a licence list can mean, how people call it, and the names that columns go by elsewhere."""

import enum
from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Field(enum.StrEnum):
    """The meaning of a column. The values are the column names of the portal's own export, and are stored."""

    NAME = "name"
    CODE = "code"
    KEY_TYPE = "key_type"
    PRODUCT = "product"
    OPERATING_SYSTEM = "operating_system"
    EDITION = "edition"
    ARCHITECTURE = "architecture"
    USAGE = "usage"
    QUANTITY = "quantity"
    IN_USE = "in_use"
    USE_OF_QUANTITY = "use_of_quantity"
    REMAINING = "remaining"
    COMMENT = "comment"
    STATUS = "status"
    STATUS_BEFORE = "status_before"
    SCOPE = "scope"
    SHARED_WITH = "shared_with"
    LABELS = "labels"
    AGREEMENT = "agreement"
    AGREEMENT_VENDOR = "agreement_vendor"
    AGREEMENT_BOUGHT_ON = "agreement_bought_on"
    AGREEMENT_VALID_UNTIL = "agreement_valid_until"
    AGREEMENT_LICENCES = "agreement_licences"
    AGREEMENT_COST_CENTRE = "agreement_cost_centre"
    AGREEMENT_PROOF = "agreement_proof"
    AGREEMENT_NOTE = "agreement_note"
    AGREEMENT_SCOPE = "agreement_scope"
    MICROSOFT_USED = "microsoft_used"
    MICROSOFT_REMAINING = "microsoft_remaining"
    MICROSOFT_COUNTED_ON = "microsoft_counted_on"
    KEEP_IN_COMMENT = "keep_in_comment"
    KEEP_AS_LABEL = "keep_as_label"
    IGNORE = "ignore"


MULTIPLE = frozenset({Field.LABELS, Field.KEEP_IN_COMMENT, Field.KEEP_AS_LABEL, Field.IGNORE})
"""The meanings that several columns of one list may have."""


def are_of_our_export(names: Collection[str]) -> bool:
    """Whether these are the columns of the portal's own export."""
    return {Field.CODE, Field.KEY_TYPE} <= set(names) <= set(Field)


LABELS_OF_FIELDS: Mapping[Field, str | Promise] = {
    Field.NAME: _("Name"),
    Field.CODE: _("Product key"),
    Field.KEY_TYPE: _("Type"),
    Field.PRODUCT: _("Product (operating system and edition in one text)"),
    Field.OPERATING_SYSTEM: _("Operating system"),
    Field.EDITION: _("Edition"),
    Field.ARCHITECTURE: _("Architecture"),
    Field.USAGE: _("Used for"),
    Field.QUANTITY: _("Quantity"),
    Field.IN_USE: _("In use"),
    Field.USE_OF_QUANTITY: _("In use of quantity (118/150)"),
    Field.REMAINING: _("Activations left"),
    Field.COMMENT: _("Comment"),
    Field.STATUS: _("Status"),
    Field.STATUS_BEFORE: _("Status before it was archived"),
    Field.SCOPE: _("Scope"),
    Field.SHARED_WITH: _("Also shared with"),
    Field.LABELS: _("Labels"),
    Field.AGREEMENT: _("Agreement: number"),
    Field.AGREEMENT_VENDOR: _("Agreement: vendor"),
    Field.AGREEMENT_BOUGHT_ON: _("Agreement: bought on"),
    Field.AGREEMENT_VALID_UNTIL: _("Agreement: valid until"),
    Field.AGREEMENT_LICENCES: _("Agreement: licences bought"),
    Field.AGREEMENT_COST_CENTRE: _("Agreement: cost centre"),
    Field.AGREEMENT_PROOF: _("Agreement: proof"),
    Field.AGREEMENT_NOTE: _("Agreement: note"),
    Field.AGREEMENT_SCOPE: _("Agreement: scope"),
    Field.MICROSOFT_USED: _("Microsoft's count: used"),
    Field.MICROSOFT_REMAINING: _("Microsoft's count: left"),
    Field.MICROSOFT_COUNTED_ON: _("Microsoft's count: date"),
    Field.KEEP_IN_COMMENT: _("Keep in the comment, under the column's name"),
    Field.KEEP_AS_LABEL: _("Keep as a label"),
    Field.IGNORE: _("Leave out"),
}

# Spelled as people spell them; case, blanks, dashes, underscores and "ue" for "ü" do not matter.
SYNONYMS: Mapping[Field, tuple[str, ...]] = {
    Field.NAME: (
        "Bezeichnung", "Titel", "Title", "Key name", "Schlüsselname", "Display name", "Anzeigename", "Lizenzname",
        "License name",
    ),
    Field.CODE: (
        "Key", "Product key", "Produktschlüssel", "Schlüssel", "Produkt-Key", "Productkey", "Produkt Schlüssel",
        "License key", "Licence key",
        "Lizenzschlüssel", "Lizenz-Key", "Lizenzkey", "Serial", "Serial number", "Seriennummer", "CD key",
        "Windows key", "Activation key",
        "Aktivierungsschlüssel", "MAK key", "MAK-Schlüssel", "Volume license key", "VLK", "Setup key",
        "Setupschlüssel", "Product ID key", "PK",
    ),
    Field.KEY_TYPE: (
        "Type", "Typ", "Key type", "Schlüsseltyp", "Schlüsselart", "Product key type", "Art", "License type",
        "Licence type", "Lizenztyp", "Lizenzart",
        "Channel", "Kanal", "Product key channel", "Lizenzkanal", "Activation type", "Aktivierungsart", "Key kind",
    ),
    Field.PRODUCT: (
        "Product", "Produkt", "Product name", "Produktname", "Produktbezeichnung", "Software", "Software name",
        "Softwarename", "Lizenz",
        "License", "Licence", "Lizenzprodukt", "Licensed product", "Artikel", "Artikelbezeichnung", "Item", "Windows",

        "Product description", "Produktbeschreibung", "Product family",
    ),
    Field.OPERATING_SYSTEM: (
        "Operating system", "Betriebssystem", "OS", "BS", "OS name", "System",
        "Platform", "Plattform",
        "Windows release", "Operating system name",
    ),
    Field.EDITION: ("Windows edition", "Ausgabe", "Edition ID", "EditionID", "Windows-Edition", "OS edition", "SKU"),
    Field.ARCHITECTURE: (
        "Arch", "Architektur", "CPU", "Bit", "Bits", "Bitness", "Prozessorarchitektur", "Processor architecture",
        "Systemtyp",
    ),
    Field.USAGE: (
        "Used for", "Wird benutzt für", "Verwendung", "Benutzt für", "Verwendungszweck", "Einsatz", "Purpose",
        "Zweck", "Use", "Verwendet für",
    ),
    Field.QUANTITY: (
        "Menge", "Anzahl", "Qty", "Count", "Limit", "Activation limit", "Aktivierungslimit", "Max", "Maximum",
        "Maximal", "Total", "Gesamt",
        "Seats", "Plätze", "Total seats", "Number of licenses", "Anzahl Lizenzen", "Lizenzanzahl", "Kontingent",
        "Stück", "Stückzahl",
        "Activations", "Aktivierungen", "MAK activations", "Max activations", "Maximale Aktivierungen",
        "Anzahl Aktivierungen",
        "Total activations", "Activations allowed", "Allowed", "Erlaubt", "Hosts", "Quota", "Lizenzen", "Licenses",
        "Licences", "Gesamtmenge",
        "Gesamtanzahl", "Purchased",
    ),
    Field.IN_USE: (
        "Used", "Verbraucht", "Benutzt", "Genutzt", "Belegt", "Zugewiesen", "Vergeben", "Assigned", "Installed",
        "Installiert", "Verwendet",
        "Used activations", "Verbrauchte Aktivierungen", "Genutzte Aktivierungen", "Activations used", "In Benutzung",
        "In Verwendung", "Consumed",
        "Used seats", "Aktiviert", "Activated", "Im Einsatz", "Number of installations", "Anzahl Installationen",
        "Nutzung", "Checked out",
    ),
    Field.USE_OF_QUANTITY: (
        "Used/available", "Used/total", "Verbraucht/Gesamt", "Usage of quantity", "Auslastung", "Used of total",
        "Verbraucht von", "Stand",
        "MAK activations used/available", "Activations used/available", "Bestand", "Stock", "Verfügbarkeit",
        "Zugewiesen/Menge", "In use/quantity",
        "Verbraucht/Menge", "Genutzt/Gesamt", "Benutzt/Gesamt",
    ),
    Field.REMAINING: (
        "Left", "Rest", "Übrig", "Frei", "Free", "Available", "Verfügbar", "Restmenge", "Verbleibend",
        "Remaining activations",
        "Verbleibende Aktivierungen", "Activations left", "Activations remaining", "Verfügbare Aktivierungen",
        "Available activations",
        "Restliche Aktivierungen", "Available seats", "Freie Plätze", "Remaining qty", "Noch frei", "Offen",
    ),
    Field.COMMENT: (
        "Comments", "Kommentare", "Kommentar", "Bemerkung", "Bemerkungen", "Anmerkung", "Anmerkungen", "Notiz",
        "Notizen", "Note", "Notes", "Remark",
        "Remarks", "Hinweis", "Hinweise", "Beschreibung", "Description", "Info", "Freitext", "Sonstiges", "Details",
    ),
    Field.STATUS: ("Zustand", "State", "Key status", "Schlüsselstatus"),
    Field.STATUS_BEFORE: ("Status before it was archived", "Status vor der Archivierung"),
    Field.SCOPE: (
        "Bereich", "Department", "Abteilung", "Mandant", "Tenant", "Entity", "Team", "Organisation", "Organization",
        "Organisationseinheit", "OU",
        "Gruppe", "Group", "Owner", "Besitzer", "Eigentümer", "Company", "Firma", "Gehört zu", "Belongs to",
    ),
    Field.SHARED_WITH: (
        "Also shared with", "Auch freigegeben für", "Freigegeben für", "Auch geteilt mit", "Geteilt mit", "Shared",
    ),
    Field.LABELS: (
        "Label", "Tags", "Tag", "Etikett", "Etiketten", "Schlagwort", "Schlagworte", "Schlagwörter", "Kategorie",
        "Category", "Stichwörter", "Kategorien", "Categories", "Keywords",
    ),
    Field.AGREEMENT: (
        "Agreement number", "Vertrag", "Vertragsnummer", "Vertragsnr", "Vertrags-Nr.", "Contract", "Contract number",
        "License agreement",
        "Volumenlizenzvertrag", "Rahmenvertrag", "Agreement no", "Agreement ID", "License ID", "Licensing ID",
        "Lizenz-ID", "Order number",
        "Bestellnummer", "Auftragsnummer", "Order", "Bestellung", "Purchase order", "Purchase order number",
        "Enrollment", "Enrollment number",
        "Beitrittsnummer", "Authorization number", "Autorisierungsnummer", "Bestell-Nr.", "Parent program",
        "Organization license ID", "PO",
    ),
    Field.AGREEMENT_VENDOR: (
        "Vendor", "Supplier", "Reseller", "Händler", "Lieferant", "Verkäufer", "Hersteller", "Manufacturer",
        "Bezugsquelle", "Distributor", "Gekauft bei", "Bought from",
    ),
    Field.AGREEMENT_BOUGHT_ON: (
        "Purchased",         "Bought on", "Purchased on", "Purchase date", "Kaufdatum", "Gekauft am", "Bestelldatum",
        "Order date",
        "Rechnungsdatum", "Invoice date",
        "Date of purchase", "Datum des Kaufs", "Einkaufsdatum", "Anschaffungsdatum", "Beschafft am", "Bought",
        "Vertragsbeginn", "Contract start", "Start date",
    ),
    Field.AGREEMENT_VALID_UNTIL: (
        "Valid until", "Gültig bis", "Expires", "Expiry", "Expiration", "Expiration date", "Expiry date",
        "Ablaufdatum", "Läuft ab", "Läuft ab am", "Ablauf",
        "End date", "Enddatum", "Vertragsende", "Contract end", "Laufzeit bis", "Expires on", "Termination date",
    ),
    Field.AGREEMENT_LICENCES: (
        "Licences bought", "Licenses bought", "Gekaufte Lizenzen", "Licenses purchased", "Lizenzen", "Licenses",
        "Licences", "Erworbene Lizenzen", "Lizenzen laut Vertrag",
    ),
    Field.AGREEMENT_COST_CENTRE: ("Cost centre", "Cost center", "Kostenstelle", "KSt", "Kst.-Nr.", "Budget"),
    Field.AGREEMENT_PROOF: (
        "Proof", "Nachweis", "Beleg", "Lizenznachweis", "Proof of purchase", "Proof of licence", "Kaufbeleg",
        "Rechnung", "Rechnungsnummer", "Invoice", "Invoice number", "Rechnungs-Nr.",
    ),
    Field.AGREEMENT_NOTE: (
        "Agreement note", "Vertragsnotiz", "Vertragsbemerkung", "Contract note", "Notiz zum Vertrag",
    ),
    Field.AGREEMENT_SCOPE: (
        "Scope of the agreement", "Bereich des Vertrags", "Vertragsbereich", "Bereich der Vereinbarung",
    ),
    Field.MICROSOFT_USED: (
        "Microsoft used", "Used at Microsoft", "Verbraucht laut Microsoft", "Laut Microsoft verbraucht",
        "At Microsoft", "Bei Microsoft",
        "Microsoft count", "Microsoft-Zählung",
        "Microsoft verbraucht", "Used (Microsoft)", "Verbraucht (Microsoft)", "Activations according to Microsoft",
    ),
    Field.MICROSOFT_REMAINING: (
        "Microsoft remaining", "Remaining at Microsoft", "Verbleibend laut Microsoft", "Laut Microsoft verbleibend",
        "Microsoft verbleibend",
        "Remaining activation count", "Remaining activations count", "MAK remaining activations", "Remaining (VAMT)",
        "Frei laut Microsoft",
        "Remaining MAK activations",
    ),
    Field.MICROSOFT_COUNTED_ON: (
        "Microsoft counted on", "Counted on", "Stand", "Gezählt am", "Stand vom", "Stand laut Microsoft",
        "Date of Microsoft count", "Datum der Zählung",
        "Last update", "Last updated", "Letzte Aktualisierung", "Abgefragt am",
    ),
}  # fmt: skip
