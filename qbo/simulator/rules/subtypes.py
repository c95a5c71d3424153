"""The detail types of accounts: every AccountSubType under its AccountType.

The first of each type is what an account gets that names only its type.
"""

from collections.abc import Mapping
from typing import Final

_BY_TYPE: Final[Mapping[str, str]] = {
    "Bank": """Checking CashOnHand MoneyMarket RentsHeldInTrust Savings TrustAccounts
        CashAndCashEquivalents OtherEarmarkedBankAccounts""",
    "Accounts Receivable": "AccountsReceivable OtherDebtors",
    "Other Current Asset": """OtherCurrentAssets AllowanceForBadDebts
        AssetsAvailableForSale BalWithGovtAuthorities CalledUpShareCapitalNotPaid
        DevelopmentCosts EmployeeCashAdvances
        ExpenditureAuthorisationsAndLettersOfCredit GlobalTaxDeferred GlobalTaxRefund
        InternalTransfers Inventory Investment_MortgageRealEstateLoans
        Investment_Other Investment_TaxExemptSecurities
        Investment_USGovernmentObligations LoansToOfficers LoansToOthers
        LoansToStockholders OtherConsumables PrepaidExpenses ProvisionsCurrentAssets
        Retainage ShortTermInvestmentsInRelatedParties
        ShortTermLoansAndAdvancesToRelatedParties TradeAndOtherReceivables
        UndepositedFunds UkTaxesWithheld WithholdingAssetAmount""",
    "Fixed Asset": """FurnitureAndFixtures AccumulatedAmortization AccumulatedDepletion
        AccumulatedDepreciation AssetsInCourseOfConstruction Buildings CapitalWip
        CumulativeDepreciationOnIntangibleAssets DepletableAssets FixedAssetComputers
        FixedAssetCopiers FixedAssetFurniture FixedAssetOtherToolsEquipment
        FixedAssetPhone FixedAssetPhotoVideo FixedAssetSoftware IntangibleAssets
        IntangibleAssetsUnderDevelopment Land LandAsset LeaseholdImprovements
        MachineryAndEquipment NonCurrentAssets OtherFixedAssets
        ParticipatingInterests ProvisionsFixedAssets Vehicles""",
    "Other Asset": """OtherLongTermAssets AccumulatedAmortizationOfOtherAssets
        AssetsHeldForSale AvailableForSaleFinancialAssets DeferredTax Goodwill
        IntangibleAssetsOther Investments LeaseBuyout Licenses LongTermInvestments
        LongTermLoansAndAdvancesToRelatedParties OrganizationalCosts
        OtherIntangibleAssets OtherLongTermInvestments OtherLongTermLoansAndAdvances
        PrepaymentsAndAccruedIncome ProvisionsNonCurrentAssets SecurityDeposits""",
    "Accounts Payable": """AccountsPayable OutstandingDuesMicroSmallEnterprise
        OutstandingDuesOtherThanMicroSmallEnterprise""",
    "Credit Card": "CreditCard",
    "Other Current Liability": """OtherCurrentLiabilities AccruedLiabilities
        CurrentLiabilities CurrentPortionEmployeeBenefitsObligations
        CurrentPortionOfObligationsUnderFinanceLeases CurrentTaxLiability
        DeferredRevenue DirectDepositPayable DividendsPayable DutiesAndTaxes
        FederalIncomeTaxPayable GlobalTaxPayable GlobalTaxSuspense Gratuity
        IncomeTaxPayable InsurancePayable InterestPayables LineOfCredit LoanPayable
        PayrollClearing PayrollTaxPayable PrepaidExpensesPayable
        ProvisionForWarrantyObligations ProvisionsCurrentLiabilities
        RentsInTrustLiability SalesTaxPayable ShortTermBorrowings
        SocialSecurityAgencies StaffAndRelatedLiabilityAccounts
        StateLocalIncomeTaxPayable SundryDebtorsAndCreditors TradeAndOtherPayables
        TrustAccountsLiabilities WithholdingLiabilityAmount WithholdingTaxPurchases
        WithholdingTaxSales WithholdingTaxSuspense""",
    "Long Term Liability": """OtherLongTermLiabilities AccrualsAndDeferredIncome
        AccruedLongLermLiabilities AccruedVacationPayable BankLoans
        DebtsRelatedToParticipatingInterests DeferredTaxLiabilities
        GovernmentAndOtherPublicAuthorities GroupAndAssociates
        LiabilitiesRelatedToAssetsHeldForSale LongTermBorrowings LongTermDebit
        LongTermEmployeeBenefitObligations NotesPayable
        ObligationsUnderFinanceLeases OtherLongTermProvisions
        ProvisionForLiabilities ProvisionsNonCurrentLiabilities
        ShareholderNotesPayable StaffAndRelatedLongTermLiabilityAccounts""",
    "Equity": """OwnersEquity AccumulatedAdjustment
        AccumulatedOtherComprehensiveIncome CalledUpShareCapital CapitalReserves
        CommonStock DividendDisbursed EquityInEarningsOfSubsiduaries EstimatedTaxes
        Funds Healthcare HealthSavingsAccountContributions InvestmentGrants
        MoneyReceivedAgainstShareWarrants OpeningBalanceEquity OtherFreeReserves
        PaidInCapitalOrSurplus PartnerContributions PartnerDistributions
        PartnersEquity PersonalExpense PersonalIncome PreferredStock RetainedEarnings
        ShareApplicationMoneyPendingAllotment ShareCapital TreasuryStock""",
    "Income": """ServiceFeeIncome CashReceiptIncome DiscountsRefundsGiven
        NonProfitIncome OperatingGrants OtherCurrentOperatingIncome
        OtherPrimaryIncome OwnWorkCapitalized PremiumsReceived
        RentARoomReliefRentsReceived RevenueGeneral SalesOfProductIncome SalesRetail
        SalesWholesale SavingsByTaxScheme UnappliedCashPaymentIncome""",
    "Other Income": """OtherMiscellaneousIncome DividendIncome
        GainLossOnSaleOfFixedAssets GainLossOnSaleOfInvestments InterestEarned
        LossOnDisposalOfAssets OtherInvestmentIncome OtherOperatingIncome
        TaxExemptInterest UnrealisedLossOnSecuritiesNetOfTax""",
    "Cost of Goods Sold": """SuppliesMaterialsCogs CostOfLaborCos CostOfSales
        EquipmentRentalCos FreightAndDeliveryCos OtherCostsOfServiceCos
        ShippingFreightDeliveryCos""",
    "Expense": """OtherMiscellaneousServiceCost AdvertisingPromotional
        AmortizationExpense AppropriationsToDepreciation Auto BadDebts BankCharges
        BorrowingCost CarriedForwardRelief CashExpenditureExpense
        CharitableContributions CommissionsAndFees Communications CostOfLabor
        DistributionCosts DuesSubscriptions Entertainment EntertainmentMeals
        EquipmentRental ExternalServices ExtraordinaryCharges FinanceCosts
        FinanceCostsRestricted ForeignTaxesIncurred GlobalTaxExpense
        IncomeTaxExpense Insurance InterestPaid LegalProfessionalFees
        LossOnDiscontinuedOperationsNetOfTax ManagementCompensation
        OfficeGeneralAdministrativeExpenses OtherBusinessExpenses
        OtherCurrentOperatingCharges OtherExternalServices OtherRentalCosts
        OtherSellingExpenses PayrollExpenses PayrollTaxExpenses PayrollWageExpenses
        PremiumsPaid ProjectStudiesSurveysAssessments PromotionalMeals
        PurchasesRebates RentARoomReliefReliefClaimed RentOrLeaseOfBuildings
        RepairMaintenance ShippingAndDeliveryExpense ShippingFreightDelivery
        StaffCosts Sundry SuppliesMaterials TaxesPaid Travel
        TravelExpensesGeneralAndAdminExpenses TravelExpensesSellingExpense
        TravelMeals UnappliedCashBillPaymentExpense Utilities""",
    "Other Expense": """OtherMiscellaneousExpense Amortization DeferredTaxExpense
        Depletion Depreciation ExceptionalItems ExchangeGainOrLoss
        ExtraordinaryItems GasAndFuel HomeOffice HomeownerRentalInsurance
        IncomeTaxOtherExpense MatCredit MortgageInterestHomeOffice
        OtherHomeOfficeExpenses OtherVehicleExpenses ParkingAndTolls
        PenaltiesSettlements PriorPeriodItems PropertyTaxHomeOffice
        RentAndLeaseHomeOffice RepairsAndMaintainceHomeOffice TaxRoundoffGainOrLoss
        UtilitiesHomeOffice Vehicle VehicleInsurance VehicleLease VehicleLoan
        VehicleLoanInterest VehicleRegistration VehicleRepairs
        WashAndRoadServices""",
}
TYPE_OF: Final[Mapping[str, str]] = {
    subtype: kind for kind, text in _BY_TYPE.items() for subtype in text.split()
}
"""The AccountType that each AccountSubType belongs to."""

USUAL: Final[Mapping[str, str]] = {
    kind: text.split()[0] for kind, text in _BY_TYPE.items()
}
"""The sub-type of an account that names only its type."""
